/** A message without what differs from one CID to the next: numbers, CIDs, and whatever else has a digit or is long. */
export function blanked(text: string): string {
  return text.replaceAll(/\w+/g, (word) => (/\d/.test(word) || word.length >= shortestCid ? '#' : word))
}

const shortestCid = 40
