/**
 * Which scopes does each field need?
 *
 * The one table that reviewers read: by what a caller needs, by type, the names of fields. `a + b` is both, `a or b` is one
 * of them. A field that is not here fails a test; so does one that says something else.
 *
 * - An entity's id is also for who may change it: the payload of a mutation names what was changed.
 * - What campaigns, episodes and locations are called, and when they were read, is also for who reads decisions on them.
 * - What people wrote or are called needs `listeners:read`, and so do the facts and outputs of evaluations: listeners' are
 *   among them.
 * - A page says nothing by itself.
 */
export const SCOPES_OF: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "decisions:write or eligibility:read or graph:read": {
    Episode: "id",
    Campaign: "id",
    Location: "id",
  },
  "eligibility:read": {
    Subscription: "eligibilityChanged",
    EligibilityChange: "id campaignId evaluationId model previous verdict eligible reasons decidedAt expiresAt",
    Episode: "placement publishing",
    PlacementDecision: "id model verdict eligible reasons decidedAt expiresAt origin wouldAllow sufficient queue",
    Reason: "code message verdict rule reconstructed",
    ActivationDecision:
      "id model verdict eligible reasons decidedAt expiresAt origin wouldAllow sufficient alternative",
    Campaign: "activation targeting",
    SupportCase: "routing",
    CaseDecision:
      "id model verdict eligible reasons decidedAt expiresAt origin wouldAllow sufficient priority queue compensation",
    TargetingDecision:
      "id model verdict eligible reasons decidedAt expiresAt origin wouldAllow sufficient include exclude offer journey",
    Sponsorship: "decision",
    PublishingDecision:
      "id model verdict eligible reasons decidedAt expiresAt origin wouldAllow sufficient missing blockedMarkets",
    PlaylistRequest: "decision",
    Location: "playback",
    PlaybackDecision:
      "id model verdict eligible reasons decidedAt expiresAt origin wouldAllow sufficient playlists licenceAction priority",
    PlaylistDecision: "id model verdict eligible reasons decidedAt expiresAt origin wouldAllow sufficient action queue",
  },
  "graph:read": {
    Episode:
      "spotifyId description durationMs show explicit languages topics publishedAt status transcriptAvailable submission",
    Campaign:
      "status cases requestedStatus wantedStatus advertiser advertiserId category tier startsAt endsAt budget targets performance sponsorships",
    EpisodeSubmission: "disclaimers approvals languages markets submittedAt",
    SupportCaseConnection: "edges nodes pageInfo totalCount asOf",
    SupportCaseEdge: "cursor node",
    SupportCase: "account issue severity status openedAt queue resolvedAt campaign",
    Money: "amount currency",
    CampaignTargets: "countries minAge maxAge genders placements topics sensitiveTopicExclusions audienceIds",
    CampaignPerformance: "impressions clicks completionRate reach frequency listeners streams spend",
    SponsorshipConnection: "edges nodes pageInfo totalCount",
    SponsorshipEdge: "cursor node",
    Sponsorship: "episode brand productCategory competitors status requestedAt campaign",
    Query: "supportCase sponsorship playlistRequest",
    Show: "id name publisher",
    PlaylistRequest: "title usage trackUris brandGuidelines startsAt endsAt status playlistUri requestedAt location",
    Location: "account accountId country city timezone playlistRequests storeType openingHours licence zones",
    PlaylistRequestConnection: "edges nodes pageInfo totalCount",
    PlaylistRequestEdge: "cursor node",
    OpeningHours: "day opens closes",
    Licence: "status tier expiresAt",
    SoundZone: "id name online subscription nowPlaying",
  },
  "eligibility:read or graph:read": {
    Episode: "title asOf",
    Campaign: "name asOf",
    Query: "campaign campaigns episode episodes location locations",
    CampaignConnection: "edges nodes pageInfo totalCount",
    CampaignEdge: "cursor node",
    EpisodeConnection: "edges nodes pageInfo totalCount",
    EpisodeEdge: "cursor node",
    Location: "name asOf",
    LocationConnection: "edges nodes pageInfo totalCount asOf",
    LocationEdge: "cursor node",
  },
  "decisions:write or operations:write or reviews:write": {
    DryRun: "decisions effects",
    DryRunDecision: "evaluationId model verdict",
    PlannedEffect: "kind subject at",
  },
  "audit:read or eligibility:read": {
    WouldAllow: "possible changes",
    FactChange: "input",
    SufficientFact: "input",
    DecisionModelRef: "key version",
    Query: "receiptKeys",
  },
  "audit:read + listeners:read or eligibility:read + listeners:read": {
    FactChange: "from to",
    SufficientFact: "value",
  },
  "decisions:write or listeners:read": {
    Listener: "id",
  },
  "eligibility:read + listeners:read": {
    Listener: "activation segments lead",
    SegmentDecision: "id model verdict eligible reasons decidedAt expiresAt origin wouldAllow sufficient segments",
    LeadDecision:
      "id model verdict eligible reasons decidedAt expiresAt origin wouldAllow sufficient score route queue",
  },
  "listeners:read": {
    Listener: "spotifyAccountId country region age customerValue industry productsOwned consents engagement",
    Query: "listener listeners",
    Consent: "purpose granted recordedAt",
    Engagement: "listens skips follows playlistAdds ctaClicks lastAt",
    ListenerConnection: "edges nodes pageInfo totalCount",
    ListenerEdge: "cursor node",
  },
  "decisions:write or graph:read": {
    SupportCase: "id",
    Sponsorship: "id",
    PlaylistRequest: "id",
  },
  "graph:read + listeners:read": {
    SupportCase: "description resolvedBy note",
    Sponsorship: "requestedBy",
    PlaylistRequest: "requestedBy",
  },
  "any caller": {
    PageInfo: "hasNextPage hasPreviousPage startCursor endCursor",
    Query: "caller",
    Caller: "id scopes accounts",
  },
  "audit:read": {
    Sponsorship: "review",
    Review: "queue subject request status verdict note reviewer openedAt resolvedAt evaluation alike",
    Query:
      "activity effect effects evaluation evaluations decisionModel decisionModels review reviewQueue tableCandidate",
    EffectConnection: "edges nodes pageInfo totalCount",
    EffectEdge: "cursor node",
    Effect: "kind subject status attempts error createdAt nextAt endedAt",
    Evaluation: "id model subject verdict decidedAt requestedBy receipt wouldAllow sufficient",
    EvaluationConnection: "edges nodes pageInfo totalCount",
    EvaluationEdge: "cursor node",
    DecisionModel:
      "key name description version hitPolicy inputs outputs rules drifted trust versions checks copy table candidates comparison cases",
    TableComparison: "before after difference problem",
    ShownTable: "version hitPolicy inputs outputs table",
    DecisionCase: "number facts expected",
    DecisionRule: "number conditions outputs matched",
    DecisionCondition: "operator values",
    Activity: "minutes circuits upstreams reach processes waiting working",
    ActivityMinute: "at counts calls",
    ActivityCount: "model verdict origin code count",
    Circuit: "name state processes",
    Upstream: "name state calls failures answeredAt lastFailure budgets",
    UpstreamFailure: "code status at againAt",
    UpstreamBudget: "name left total fullAt",
    DecisionModelVersion: "version digest firstSeenAt source isCurrent",
    DecisionVariable: "name label type entries way",
    DecisionModelTrust: "state since agreed disagreed",
    DecisionModelChecks: "gaps neverMatch neverDecide contradictions duplicates missing",
    RuleGap: "witness",
    RuleContradiction: "rules witness",
    RuleDuplicate: "rules",
    RuleMissing: "input witness",
    TableCandidate:
      "model version digest source baseVersion proposedBy proposedAt note steps deployments outdated caution checks difference",
    TableCandidateConnection: "edges nodes pageInfo totalCount",
    TableCandidateEdge: "cursor node",
    CandidateStep: "state by at note",
    TableDeployment: "target by begunAt endedAt problem",
    TableDifference: "equivalent cells changes outputs",
    VerdictChange: "from to cells witness",
    OutputChange: "output from to cells witness",
    ReviewConnection: "edges nodes pageInfo totalCount",
    ReviewEdge: "cursor node",
    PlaylistRequest: "review",
    Subscription: "decisionMade reviewOpened reviewResolved effectChanged candidateChanged",
  },
  "audit:read or reviews:write": {
    Review: "id",
  },
  "audit:read or operations:write": {
    Effect: "id",
    TableDeployment: "id",
  },
  "audit:read or operations:write or reviews:write": {
    TableCandidate: "id state",
  },
  "eligibility:read + graph:read": {
    Query: "caseWorklist locationWorklist",
  },
  "decisions:write": {
    Mutation:
      "activateCampaign pauseCampaign openCase resolveCase submitSponsorship applyTargeting submitEpisode publishEpisode recordConsent recordEngagement routeLead recordLicence requestPlaylist",
    CampaignPayload: "campaign decision dryRun",
    SupportCasePayload: "supportCase dryRun",
    SponsorshipPayload: "sponsorship dryRun",
    EpisodePayload: "episode decision dryRun",
    ListenerPayload: "listener dryRun",
    RecordEngagementPayload: "accepted duplicates dryRun",
    LocationPayload: "location dryRun",
    PlaylistRequestPayload: "playlistRequest dryRun",
  },
  "reviews:write": {
    Mutation: "resolveReview proposeTable resolveCandidate",
    ReviewPayload: "review dryRun",
    TableCandidatePayload: "candidate dryRun",
  },
  "operations:write": {
    Mutation: "retryEffect dropEffect beginDeployment endDeployment",
    TableDeploymentPayload: "deployment candidate table approvedBy dryRun",
    EffectPayload: "effect dryRun",
    DroppedEffectPayload: "effectId dryRun",
  },
  "audit:read + listeners:read": {
    Evaluation: "facts outputs replay",
    Replay: "version table verdict rules outputs isSame problem",
    Query: "changeImpact",
    ChangeImpact: "model state problem startedAt days today ledger",
    ImpactPartOf: "considered unknown isComplete changed changes flips",
    ImpactChange: "from to count rules",
    ImpactRule: "rule count",
    ImpactFlip: "field subject about evaluationId from to rulesBefore rules",
    ImpactFlipConnection: "edges nodes pageInfo totalCount",
    ImpactFlipEdge: "cursor node",
  },
};
