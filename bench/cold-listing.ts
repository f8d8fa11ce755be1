import { fullPage } from '../src/service/pinning-service.ts'
import { BenchBucket } from './bucket.ts'
import { measured } from './measured.ts'
import { pageSerially } from './serial-pager.ts'
import { BenchService } from './service/service.ts'
import { number, type Row, seconds, times } from './table.ts'

const count = 100_000

/** A first listing, against one that asks for page after page. */
export async function coldListing(): Promise<Row[]> {
  using service = await BenchService.start(count)
  await using bucket = new BenchBucket(service.url)
  const ours = await bucket.list()
  const serial = await measured(() => pageSerially(service.url, 'token'))
  if (ours.added !== count || serial.result.rows !== count) throw new Error('a listing lacks requests')
  const least = count / fullPage
  return [
    {
      what: `cold listing of ${number(count)} requests`,
      measured: `${seconds(ours.seconds)}, complete`,
      against: `a page of ${fullPage} at a time: ${seconds(serial.seconds)}`,
      ratio: `${times(serial.seconds, ours.seconds)} faster`,
    },
    {
      what: 'its requests',
      measured: number(ours.asked),
      against: `count / page size: ${number(least)}`,
      ratio: times(ours.asked, least),
    },
  ]
}
