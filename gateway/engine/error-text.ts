/**
 * How long is the message of an error about a client's request?
 *
 * graphql-js puts the client's value into it, whole, and again into each error of the same value: a request of a few
 * megabytes would be answered with a hundred. The reason stands at the end, so the middle goes.
 */
const MAX_CHARACTERS = 500;

export function shortened(message: string): string {
  if (message.length <= MAX_CHARACTERS) return message;
  const half = MAX_CHARACTERS / 2;
  return `${message.slice(0, half)} … ${message.slice(-half)}`.toWellFormed();
}
