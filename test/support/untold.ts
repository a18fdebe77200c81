/** How does a test change records whose events nobody is told of? */
import type { Tell } from "../../subgraphs/records/webhooks/tell.ts";

export const untold: Tell = async () => [];
