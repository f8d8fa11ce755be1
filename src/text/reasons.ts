import type { KnownClass, ReasonClass } from '../domain/reasons/classes.ts'

/** A class of reasons, as people read of it. */
export interface ReasonWords {
  /** Without a full stop. */
  readonly title: string
  /** What it means and what to do, in Markdown. */
  readonly advice: string
}

const lostForGood = 'Is a CID lost for good? Add it to `ignore`.'
const cannotBePinned =
  'Add the data again in a form that Kubo takes and delete the request, or add the CID to `ignore`.'

const words: Readonly<Record<KnownClass, ReasonWords>> = {
  'no-block': {
    title: 'No block came',
    advice: `Usually no reachable peer has the data: \`ipfs routing findprovs CID\` on the box shows who has it. ${lostForGood}`,
  },
  stalled: {
    title: 'Stalled',
    advice: `Some of it came, and then no more: usually nobody who has the rest can be reached. ${lostForGood}`,
  },
  'timed-out': {
    title: 'No answer in time',
    advice: 'The node answers others, and not on these CIDs: its log may say why.',
  },
  'broken-off': {
    title: 'The connection to the node broke off',
    advice: 'The node answers others, and not on these CIDs: see its log, and that of a proxy before it.',
  },
  unreadable: {
    title: 'The node cannot read it',
    advice:
      'A block of it is on the node and cannot be read: either the content is broken, or the block is, on the node’s disk.',
  },
  vanished: {
    title: 'The cluster does not keep it',
    advice: 'The cluster takes it and then does not show it: the log of its peers may say why.',
  },
  'refused-hash': {
    title: 'Kubo refuses the hash',
    advice: `Kubo pins nothing with this hash function, as it is not safe, or unknown to it. ${cannotBePinned}`,
  },
  'digest-size': {
    title: 'Kubo refuses the length of the hash',
    advice: `Kubo takes hashes of 20 to 128 bytes, and no CID that holds more than 128 bytes of data itself. ${cannotBePinned}`,
  },
  'unknown-codec': {
    title: 'Kubo does not know the codec',
    advice: `Kubo cannot find the links in such data, and so cannot pin it. ${cannotBePinned}`,
  },
  undecodable: {
    title: 'The content is broken',
    advice: `Its blocks are not what the codec of the CID says, so that Kubo cannot read them. ${cannotBePinned}`,
  },
  'missing-block': {
    title: 'A block is missing on the node',
    advice:
      'The pin stands, and not all of it can be read. A run fetches what is missing as soon as somebody who has it can be reached; one started by hand tries at once.',
  },
  'corrupt-block': {
    title: 'A block is corrupt on the node',
    advice:
      'It is left as it is: `ipfs repo verify --heal` (Kubo 0.39 or newer, with its daemon running) reads the whole repository, **deletes** each block that is not what its CID says, and fetches it again from the network: make sure first that somebody has it. Then start a run by hand, which reads it again.',
  },
  unread: {
    title: 'The node does not read it to its end',
    advice: 'The node reads others to their end, and gives nothing more of these: its log may say why.',
  },
  'gave-up': {
    title: 'The service gave up',
    advice:
      'It tried as often as it does and could not fetch the data: usually it can reach nobody who has it.',
  },
  unsaid: {
    title: 'The service does not say why',
    advice: 'Usually it can reach nobody who has the data.',
  },
  'sent-in-vain': {
    title: 'The service breaks on it',
    advice: 'The service takes others, and gives no proper answer for these: ask its support.',
  },
}

const others: ReasonWords = {
  title: 'Another reason',
  advice: 'The words are those of the node or of the service.',
}

/** Of a class that nobody knows the words themselves say more than this. */
export function reasonWords(reasonClass: ReasonClass): ReasonWords {
  return Object.hasOwn(words, reasonClass) ? words[reasonClass as KnownClass] : others
}
