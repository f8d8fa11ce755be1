import { type KnownClass, ownClass, type ReasonClass } from './classes.ts'

/**
 * What boxo says of a CID that it will never pin, wherever it runs: in Kubo, at a peer of a cluster, at a service. Boxo
 * has no other sign of it. The words are those of its packages from 0.17 (Kubo 0.26) to 0.42.1 (Kubo 0.43); where they
 * come last in a message, what stands before them may be anything.
 */
const words: readonly (readonly [RegExp, KnownClass])[] = [
  // verifcid: a hash that is not on its list, which one that it does not know is not either.
  [/\bpotentially insecure hash functions not allowed$/, 'refused-hash'],
  // go-multihash: on the list, and without a hasher.
  [/\bunknown multihash code \d+ \(0x[\da-f]+\): no such hash registered$/, 'refused-hash'],
  // verifcid, from 0.39 on, and before: most of them are identity CIDs of more than 128 bytes.
  [/\bdigest too (?:small|large): .{1,40} digest got \d+ bytes, (?:minimum|maximum) \d+$/, 'digest-size'],
  [/\bhashes must be at (?:least|most) \d+ bytes long$/, 'digest-size'],
  // go-ipld-prime, and go-ipld-format in what is left of it.
  [/\bno decoder registered for multicodec code \d+ \(0x[\da-f]+\)$/, 'unknown-codec'],
  [/\bunrecognized object type: \d+$/, 'unknown-codec'],
  // go-codec-dagpb and merkledag.
  [/^protobuf: (?:\(PB(?:Node|Link)\) |varint overflow$)/, 'undecodable'],
  [/^invalid (?:DAG-PB form|Hash field found in link)\b/, 'undecodable'],
  [/^(?:failed to decode Protocol Buffers|incorrectly formatted merkledag node):/, 'undecodable'],
  [/ was not a valid merkledag node$/, 'undecodable'],
  // dag-cbor and dag-json of go-ipld-prime, and refmt, which reads both.
  [/^unexpected content after end of (?:cbor|json) object$/, 'undecodable'],
  [/^unexpected continuation of (?:map|array) elements beyond declared length$/, 'undecodable'],
  [/^unexpected (?:mapClose|arrClose) (?:token|before declared length)$/, 'undecodable'],
  [/^unexpected .{1,20} token while expecting map key$/, 'undecodable'],
  [
    /^message structure (?:exceeded maximum nesting depth|demanded too many resources to process)$/,
    'undecodable',
  ],
  [/^(?:unhandled cbor tag|duplicate map key|cannot repeat map key|ErrInvalidTokenStream:) /, 'undecodable'],
  [/^(?:cbor: |decodeUint: Invalid descriptor:|[Ii]nvalid majorByte:)/, 'undecodable'],
  [
    /^(?:expected colon after map key;|[Ii]nvalid (?:byte|char) while expecting start of value:)/,
    'undecodable',
  ],
  [/^invalid (?:unprintable byte in string literal|byte in string escape sequence):/, 'undecodable'],
]

export function classOfWords(message: string): ReasonClass {
  return words.find(([pattern]) => pattern.test(message))?.[1] ?? ownClass(message)
}
