/** How does a request say that its facts are read from their upstreams, whatever is known? By its `cache-control` header. */
export const READ_ANEW = "no-cache";
