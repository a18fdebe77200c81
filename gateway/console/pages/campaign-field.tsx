/** Which campaign is meant? By its name; one that is not among the first is in the URL by its id. */
import { CampaignNamesDocument } from "../generated/operations.ts";
import { useQuery } from "../graph/use-query.ts";
import { FilterField } from "../parts/filters.tsx";
import type { FieldProps } from "../parts/filters.tsx";
import { shortened } from "../parts/id.tsx";

/** `none`: how it reads that no campaign is chosen. Default: all are meant. */
export function CampaignField({ value, ...field }: FieldProps & { readonly none?: string }) {
  const { data } = useQuery(CampaignNamesDocument, {});
  const names = new Map((data?.campaigns.nodes ?? []).map(({ id, name }) => [id, name]));
  const choices = [...new Set([...names.keys(), ...(value === "" ? [] : [value])])];
  return <FilterField {...field} value={value} choices={choices} textOf={(id) => names.get(id) ?? shortened(id)} />;
}
