import { expect, test } from 'vitest'
import { parseCid } from '../../../../src/domain/cid.ts'
import { KuboImports } from '../../../../src/node/kubo/imports.ts'
import type { KuboRpc } from '../../../../src/node/kubo/rpc.ts'
import { Cids } from '../../../sandbox/identity.ts'

test.each(['a', '"', '\\a'])(
  'words of 16 MB in which %j comes again and again are a refusal',
  async (sign) => {
    const words = `"${sign.repeat(16e6 / sign.length)}`
    const rpc = {
      asked: (path: string) => ({ node: 'the node', path }),
      ask: async () => ({ status: 500, text: JSON.stringify({ Message: words }) }),
    } as unknown as KuboRpc
    const imports = new KuboImports(rpc, { readDag: async () => 'unknown' })
    const cid = parseCid(new Cids(1).next())
    if (cid === undefined) throw new Error('no CID')
    const nothing = (async function* () {})()
    expect(await imports.takeIn(cid, nothing, new AbortController().signal)).toEqual({
      how: 'refused',
      words: words.slice(0, 64 * 1024),
    })
  },
)
