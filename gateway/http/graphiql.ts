/** Which query does GraphiQL open with? Campaigns and episodes, each with its decisions. */

/** The id is part of the query, so that it runs without variables. */
export function firstQuery(campaignId = "campaign_"): string {
  return `# Campaigns and episodes, with their decisions.
query FirstLight {
  campaigns(first: 20) {
    totalCount
    nodes {
      id
      name
      category
      targeting {
        verdict
        include
        exclude
        offer
        origin
        reasons { code message }
      }
    }
  }
  episodes(first: 100) {
    nodes {
      title
      show { name }
      publishing {
        verdict
        missing
        blockedMarkets
        origin
        reasons { code message }
      }
      placement(campaignId: "${campaignId}") {
        verdict
        eligible
        queue
        origin
        reasons { code message }
      }
    }
  }
}
`;
}
