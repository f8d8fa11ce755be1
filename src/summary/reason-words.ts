interface ReasonWords {
  /** Ends no sentence. */
  readonly title: string
  /** What it means, and what a person may do. */
  readonly meaning: string
}

/** What is said of the reasons that the engine knows; of others it has nothing but their own words. */
const known: Readonly<Record<string, ReasonWords>> = {
  'no-block': {
    title: 'No block came',
    meaning:
      'Usually no reachable peer has the data: `ipfs routing findprovs CID` on the box shows who has it. Is a CID lost for good? Add it to `ignore`.',
  },
  stalled: {
    title: 'The data stopped coming',
    meaning: 'Some blocks came, and then no more. What came is kept, and the next try goes on from there.',
  },
  'timed-out': {
    title: 'The node gave up',
    meaning: 'The node, or a peer of the cluster, has a time limit of its own for a pin, and it was over.',
  },
  'broken-off': {
    title: 'The connection to the node broke off',
    meaning: 'The answer ended before the node said that it is pinned.',
  },
  unreadable: {
    title: 'The node’s answer cannot be read',
    meaning: 'What the node said of these CIDs is not what Kubo says.',
  },
  vanished: {
    title: 'The cluster does not keep them',
    meaning: 'The cluster takes them each time, and then does not show them.',
  },
  'refused-hash': {
    title: 'Kubo refuses the hash',
    meaning:
      'Kubo takes no CIDs of this hash function, as it is not safe or not known. Upload the content again under another CID, or add these CIDs to `ignore`.',
  },
  'digest-size': {
    title: 'Kubo refuses the size of the hash',
    meaning:
      'The CID’s hash is shorter or longer than Kubo takes: an identity CID may hold at most 128 bytes. Upload the content again, or add these CIDs to `ignore`.',
  },
  'unknown-codec': {
    title: 'Kubo does not know the codec',
    meaning:
      'Kubo cannot find the links in blocks of this codec, and so pins none. Add these CIDs to `ignore`.',
  },
  undecodable: {
    title: 'The content is broken',
    meaning:
      'A block is not what its CID says it is, wherever it comes from. Upload the content again, or add these CIDs to `ignore`.',
  },
  'gave-up': {
    title: 'The service gave up',
    meaning:
      'Usually it cannot fetch from the node: check that the node can be reached from outside, and that `origins` names its public addresses.',
  },
  unsaid: {
    title: 'The service did not say why',
    meaning:
      'Usually it cannot fetch from the node: check that the node can be reached from outside, and that `origins` names its public addresses.',
  },
  'sent-in-vain': {
    title: 'The service breaks on them',
    meaning: 'They were sent several times, and no answer counted, while the service took others.',
  },
}

/** @param reason what stands for a reason that is not known */
export function reasonWords(reasonClass: string): ReasonWords | undefined {
  return Object.hasOwn(known, reasonClass) ? known[reasonClass] : undefined
}
