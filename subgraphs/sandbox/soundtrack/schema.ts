/**
 * Which schema does the Soundtrack sandbox have?
 *
 * The part of Soundtrack's public schema about accounts, locations and sound zones, with its names and types. As there, an
 * object's own fields are nullable except for its id. A zone's source and the mutation that assigns it are not in the public schema: they were observed in queries, and their
 * nullability is assumed. `last`, `before` and orders other than by name are omitted.
 */
import { buildSchema } from "graphql";
import type { GraphQLSchema } from "graphql";

export const soundtrackSchema: GraphQLSchema = buildSchema(`
  scalar Date
  scalar IsoCountry

  type Query {
    me: Viewer
    account(id: ID!): Account
    location(id: ID!): Location
    soundZone(id: ID!): SoundZone
    nowPlaying(soundZone: ID!): NowPlaying
    node(id: ID!): Node
  }

  type Mutation {
    soundZoneAssignSource(input: SoundZoneAssignSourceInput!): SoundZoneAssignSourcePayload
  }
  input SoundZoneAssignSourceInput {
    soundZones: [ID!]!
    source: ID!
    immediate: Boolean
  }
  type SoundZoneAssignSourcePayload {
    soundZones: [ID!]!
  }

  interface Node { id: ID! }
  union Viewer = PublicAPIClient | User

  type PublicAPIClient {
    id: ID!
    accounts(first: Int, after: String): PublicAPIClientAccountConnection
  }
  type User implements Node {
    id: ID!
    name: String!
  }

  type Account implements Node {
    id: ID!
    businessName: String
    businessType: String
    locations(first: Int, after: String): AccountLocationConnection
  }

  type Location implements Node {
    id: ID!
    name: String
    physicalAddress: Address
    timezone: String
    account: Account
    soundZones(first: Int, after: String): LocationSoundZoneConnection
  }
  type Address {
    addressLine1: String
    addressLine2: String
    postalCode: String
    city: String
    state: String
    country: IsoCountry
    countryName: String
  }

  type SoundZone implements Node {
    id: ID!
    name: String
    account: Account
    location: Location
    online: Boolean
    isPaired: Boolean
    subscription: SoundZoneSubscription
    playback: Playback
    nowPlaying: NowPlaying
    playFrom: PlayFrom
    status: SoundZoneStatus
  }
  union PlayFrom = Playlist | Schedule
  type Playlist implements Node {
    id: ID!
    name: String!
  }
  type Schedule implements Node {
    id: ID!
    name: String!
  }
  type SoundZoneSubscription {
    isActive: Boolean
    activeUntil: Date
    state: SubscriptionState
  }
  enum SubscriptionState { ACTIVE CANCELLED EXPIRED INACTIVE PAUSED }
  type SoundZoneStatus {
    state: SoundZoneStatusState!
    code: SoundZoneStatusCode!
  }
  enum SoundZoneStatusState { ERROR INCOMPLETE NOT_SETUP OK UNKNOWN }
  enum SoundZoneStatusCode {
    ALL_OK INACTIVE NOT_PAIRED NOT_SETUP PAIRED PLAYER_DEPRECATED PLAYER_DISCONNECTED PLAYER_MUTED
    SUBSCRIPTION_EXPIRED SUBSCRIPTION_INACTIVE UNPAIRED
  }
  type Playback {
    id: ID!
    state: PlaybackState
  }
  enum PlaybackState { not_supported offline paused playing unpaired }
  type NowPlaying {
    startedAt: Date
    track: Track
  }
  type Track implements Node {
    id: ID!
    title: String
  }

  type PageInfo {
    hasNextPage: Boolean!
    hasPreviousPage: Boolean!
    startCursor: String
    endCursor: String
  }
  type PublicAPIClientAccountConnection {
    pageInfo: PageInfo!
    edges: [PublicAPIClientAccountEdge!]!
    total: Int!
  }
  type PublicAPIClientAccountEdge {
    cursor: String!
    node: Account
  }
  type AccountLocationConnection {
    pageInfo: PageInfo!
    edges: [AccountLocationEdge!]!
    total: Int!
  }
  type AccountLocationEdge {
    cursor: String!
    node: Location
  }
  type LocationSoundZoneConnection {
    pageInfo: PageInfo!
    edges: [LocationSoundZoneEdge!]!
    total: Int!
  }
  type LocationSoundZoneEdge {
    cursor: String!
    node: SoundZone
  }
`);
