import { fullPage } from '../src/service/pinning-service.ts'
import { BenchBucket, requestsPerSecond } from './bucket.ts'
import { BenchService } from './service/service.ts'
import { number, type Row, seconds, times } from './table.ts'

const count = 1_000_000

/** Later listings of a million requests, against the first one. */
export async function warmListing(): Promise<Row[]> {
  using service = await BenchService.start(count)
  await using bucket = new BenchBucket(service.url)
  const cold = await bucket.list()
  const rows: Row[] = [
    {
      what: `cold listing of ${number(count)} requests`,
      measured: `${number(cold.asked)} requests, ${seconds(cold.seconds)}, ${seconds(cold.cpuSeconds)} of CPU`,
      against: `count / page size: ${number(count / fullPage)} requests`,
      ratio: times(cold.asked, count / fullPage),
    },
    {
      what: 'its time',
      measured: seconds(cold.seconds),
      against: `what the rate allows: ${seconds(cold.asked / requestsPerSecond)}`,
      ratio: `${((cold.seconds * requestsPerSecond) / cold.asked).toFixed(2)} times the time`,
    },
  ]
  const warm = async (what: string, most: number) => {
    const { asked, ...cost } = await bucket.list()
    rows.push({
      what: `warm listing of them, ${what}`,
      measured: `${number(asked)} requests (at most ${number(most)}), ${seconds(cost.seconds)}, ${seconds(cost.cpuSeconds)} of CPU`,
      against: `the cold one: ${number(cold.asked)} requests, ${seconds(cold.seconds)}`,
      ratio: `${times(cold.asked, asked)} fewer, ${times(cold.seconds, cost.seconds)} faster`,
    })
  }
  await warm('unchanged', 4)
  await service.order({ remove: 1 })
  await warm('1 deleted', mostFor(1))
  await service.order({ remove: 100 })
  await warm('100 deleted in 100 places', mostFor(100))
  await service.order({ add: 1000 })
  await warm('1,000 new', 1000 / fullPage + 5)
  return rows
}

/** What finding scattered deletions may cost in requests: halving for each, and never more than reading everything. */
function mostFor(deleted: number): number {
  const pages = count / fullPage
  return Math.floor(Math.min(2 * deleted * (Math.log2(pages / deleted) + 2), pages) + 4)
}
