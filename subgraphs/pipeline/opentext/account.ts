/** Which account of OpenText Decision Service is used, and within which limits? */
import type { OpenTextSettings } from "../../platform/environment.ts";

export interface OpenTextAccount extends OpenTextSettings {
  readonly baseUrl: string;
}
