/** Which came first: was a list asked for before something was told of it? Numbers, each larger than the one before. */

let last = 0;

export function nextInOrder(): number {
  last += 1;
  return last;
}
