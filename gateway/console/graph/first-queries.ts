/** Which queries are worth running first? One for each job, with the decisions that it rests on. */

import type { Scope } from "../../../schema/scope.ts";

export interface FirstQuery {
  /** In the URL. */
  readonly key: string;
  readonly title: string;
  /** All that it takes. */
  readonly scopes: readonly Scope[];
  readonly query: string;
  readonly variables: object;
}

export const FIRST_QUERIES: readonly [FirstQuery, ...FirstQuery[]] = [
  {
    key: "publishing",
    title: "Episode publishing compliance",
    scopes: ["graph:read", "eligibility:read"],
    query: `# What may be published, and what is missing?
query Publishing($first: Int) {
  episodes(first: $first) {
    nodes {
      title
      show { name }
      publishing { verdict missing origin reasons { code message } }
    }
  }
}
`,
    variables: { first: 20 },
  },
  {
    key: "sponsorships",
    title: "Sponsorship approval and brand safety",
    scopes: ["graph:read", "eligibility:read"],
    query: `# Which campaigns asked to be in which episodes, and may they?
query Sponsorships($campaigns: Int) {
  campaigns(first: $campaigns) {
    nodes {
      name
      sponsorships(first: 3) {
        nodes {
          brand
          status
          episode { title show { name } }
          decision { verdict queue origin reasons { code message } }
        }
      }
    }
  }
}
`,
    variables: { campaigns: 20 },
  },
  {
    key: "targeting",
    title: "Audience segments and targeting",
    scopes: ["eligibility:read", "listeners:read"],
    query: `# Whom should campaigns reach, and in which segments are listeners?
query Targeting($campaigns: Int, $listeners: Int) {
  campaigns(first: $campaigns, status: ACTIVE) {
    nodes {
      name
      targeting { verdict include exclude offer journey origin }
    }
  }
  listeners(first: $listeners) {
    nodes {
      id
      segments { verdict segments origin }
    }
  }
}
`,
    variables: { campaigns: 10, listeners: 20 },
  },
  {
    key: "playlists",
    title: "Branded playlist requests",
    scopes: ["graph:read", "eligibility:read"],
    query: `# Which playlists did shops request, and what became of them?
query PlaylistRequests($locations: Int) {
  locations(first: $locations) {
    nodes {
      name
      playlistRequests(first: 2) {
        nodes {
          title
          usage
          status
          decision { verdict action queue origin reasons { code message } }
        }
      }
    }
  }
}
`,
    variables: { locations: 50 },
  },
  {
    key: "playback",
    title: "Location licensing and playback",
    scopes: ["graph:read", "eligibility:read"],
    query: `# Which locations need somebody first, and what may they play?
query Playback($first: Int) {
  locationWorklist(first: $first) {
    asOf
    totalCount
    nodes {
      name
      country
      licence { status tier expiresAt }
      playback { verdict playlists licenceAction priority origin reasons { code } }
    }
  }
}
`,
    variables: { first: 20 },
  },
  {
    key: "cases",
    title: "Support case priority and routing",
    scopes: ["graph:read", "eligibility:read"],
    query: `# Which cases come first, and who takes them?
query Cases($first: Int) {
  caseWorklist(first: $first) {
    asOf
    nodes {
      issue
      severity
      campaign { name }
      routing { verdict priority queue compensation origin reasons { code } }
    }
  }
}
`,
    variables: { first: 20 },
  },
  {
    key: "activation",
    title: "Consent, privacy and regional activation",
    scopes: ["graph:read", "eligibility:read"],
    query: `# Which campaigns may go live, and what could run instead?
query Activation($campaigns: Int) {
  campaigns(first: $campaigns) {
    nodes {
      name
      status
      activation {
        verdict
        origin
        reasons { code message }
        alternative { name }
      }
    }
  }
}
`,
    variables: { campaigns: 20 },
  },
  {
    key: "leads",
    title: "Lead scoring and routing",
    scopes: ["eligibility:read", "listeners:read"],
    query: `# Which listeners are leads, and where do they go?
query Leads($first: Int) {
  listeners(first: $first) {
    nodes {
      id
      industry
      lead { verdict score route queue origin reasons { code } }
    }
  }
}
`,
    variables: { first: 20 },
  },
];

/** For those who may ask none of these. */
export const OF_EVERYBODY: FirstQuery = {
  key: "caller",
  title: "Who asks, and what they may",
  scopes: [],
  query: `# Who am I to the graph?
query Caller {
  caller { id scopes accounts }
}
`,
  variables: {},
};
