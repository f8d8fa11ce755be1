import { startKubo } from '../test/sandbox/kubo.ts'
import { Bundle } from './bundle.ts'
import { requestsOf } from './service/requests.ts'
import { BenchService } from './service/service.ts'
import { number, type Row, seconds } from './table.ts'

const count = 5_000
const requestsPerSecond = 100

/** A whole update that sends so many pins, against what the service's rate allows. */
export async function send(): Promise<Row[]> {
  using service = await BenchService.start(0)
  await using node = await startKubo()
  for (const { cid } of requestsOf(count)) node.pin(cid)
  await using bundle = await Bundle.start()
  const inputs = { direction: 'update', origins: 'none', 'requests-per-second': String(requestsPerSecond) }
  const sent = await bundle.run(service.url, node.url, inputs)
  const again = await bundle.run(service.url, node.url, { ...inputs, 'dry-run': 'true' })
  const { asked } = await service.order({ remove: 0 })
  const allowed = count / requestsPerSecond
  return [
    {
      what: `whole update: ${number(count)} pins sent at ${requestsPerSecond} a second and settled, each a second after it was sent`,
      measured: `${seconds(sent.seconds)}, ${number(asked)} requests with those of a second run that finds nothing to send in ${seconds(again.seconds)}`,
      against: `what the rate allows: ${seconds(allowed)}`,
      ratio: `${(sent.seconds / allowed).toFixed(2)} times the time`,
    },
  ]
}
