/**
 * What does somebody see who opens GraphiQL for the first time?
 *
 * A query worth running: campaigns and episodes, each with what the rules say about it.
 */

/** Stands in the query itself: what needs no variables runs at the first click. */
export function firstQuery(campaignId = "campaign_"): string {
  return `# Campaigns and episodes, and what the rules say about them.
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
