import { havePeers, type KuboPeer, kuboPeers, peerVersion } from '../peers/build.ts'

/** The sandbox's Kubo, and each real one: what is tested of one holds for all. `isThere`: it is built. */
export function kubos<Under, Given extends readonly unknown[] = []>(
  sandbox: (...given: Given) => Promise<Under>,
  real: (peer: KuboPeer, ...given: Given) => Promise<Under>,
) {
  return [
    { peer: 'the sandbox', start: sandbox, isThere: true },
    ...kuboPeers.map((name) => ({
      peer: `Kubo ${peerVersion(name)}`,
      start: (...given: Given) => real(name, ...given),
      isThere: havePeers(name),
    })),
  ]
}
