import { createReadStream, createWriteStream, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pipeline } from 'node:stream/promises'
import { constants, createGunzip, createGzip, createZstdCompress, createZstdDecompress } from 'node:zlib'
import { temporaryFolder } from '../test/demo/temporary-folder.ts'
import { measured } from './measured.ts'
import { megabytes, type Row, seconds, times } from './table.ts'

/** As the runner's cache packs where it finds zstd, and where it does not. */
const packers = {
  zstd: {
    pack: () =>
      createZstdCompress({
        params: { [constants.ZSTD_c_windowLog]: 27, [constants.ZSTD_c_enableLongDistanceMatching]: 1 },
      }),
    unpack: () => createZstdDecompress(),
  },
  gzip: { pack: () => createGzip(), unpack: () => createGunzip() },
}

/** A snapshot's size on the box and in the cache, and what saving and restoring it takes, but for the network. */
export async function snapshotRows(path: string): Promise<Row[]> {
  const folder = temporaryFolder('bench')
  const copy = join(folder, 'copy')
  const onBox = statSync(path).size
  const vacuum = await measured(() => {
    using db = new DatabaseSync(path)
    db.prepare('VACUUM INTO ?').run(copy)
  })
  const rows: Row[] = []
  for (const [name, { pack, unpack }] of Object.entries(packers)) {
    const packed = join(folder, name)
    const packing = await measured(() => pipeline(createReadStream(copy), pack(), createWriteStream(packed)))
    const unpacked = join(folder, 'unpacked')
    const unpacking = await measured(() =>
      pipeline(createReadStream(packed), unpack(), createWriteStream(unpacked)),
    )
    const check = await measured(() => {
      using db = new DatabaseSync(unpacked)
      db.prepare('PRAGMA quick_check').get()
    })
    rows.push({
      what: `snapshot of 1,000,000 requests in the cache, packed by ${name}`,
      measured: `${megabytes(statSync(packed).size)}; saved in ${seconds(vacuum.seconds + packing.seconds)}, restored in ${seconds(unpacking.seconds + check.seconds)}`,
      against: `on the box: ${megabytes(onBox)}; as a clean copy: ${megabytes(statSync(copy).size)}`,
      ratio: `${times(onBox, statSync(packed).size)} smaller`,
    })
    rmSync(unpacked)
  }
  return rows
}
