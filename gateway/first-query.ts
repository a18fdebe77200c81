/**
 * What does somebody see who opens GraphiQL for the first time?
 *
 * A query worth running: campaigns and episodes, each with what the rules say about it.
 */

export const FIRST_QUERY = `# Campaigns and episodes, and what the rules say about them.
query FirstLight($campaignId: ID!) {
  campaigns(first: 20) {
    totalCount
    nodes {
      name
      advertiser
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
      placement(campaignId: $campaignId) {
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

export function firstTabs(campaignId = ""): { query: string; variables: string }[] {
  return [{ query: FIRST_QUERY, variables: JSON.stringify({ campaignId }, null, 2) }];
}
