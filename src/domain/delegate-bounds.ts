/** A service says what it likes: none of it may grow without bound. The specification allows 20 delegates a request. */
export const mostDelegates = {
  peers: 1000,
  addressesOfPeer: 20,
  perRequest: 20,
  /** Of addresses, or lists of them, what they were found to be. */
  memo: 10_000,
  /** How many that are left out are told apart. */
  counted: 10_000,
}
/** In characters. */
export const longestAddress = 1000
/** In characters: nobody's is longer than 60, and an address may hold one of any length. */
export const longestPeerId = 200
/** How long the addresses of a request may be as JSON, which writes some characters as six. */
export const longestList = 2 + mostDelegates.perRequest * (6 * longestAddress + 3)
