/**
 * What does the second click of a double click do? Nothing.
 *
 * People click twice where once is enough. After the first click something else may be at that place: another row with its
 * button, or the page that a row has led to.
 */
export function ignoreSecondClicks(): void {
  document.addEventListener(
    "click",
    (event) => {
      const { detail, target } = event;
      if (detail < 2 || !(target instanceof Element) || !target.closest("button, a")) return;
      event.preventDefault();
      event.stopPropagation();
    },
    { capture: true },
  );
}
