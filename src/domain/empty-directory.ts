import { parseCid } from './cid.ts'

/** The empty directory, which every new Kubo repository pins: nobody's content. */
export const emptyDirectory = parseCid('QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn')?.key
