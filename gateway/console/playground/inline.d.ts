/** The text of a style sheet, as it is bundled. */
declare module "*?inline" {
  const text: string;
  export default text;
}
