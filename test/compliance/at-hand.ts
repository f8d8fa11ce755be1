import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'
import util from 'node:util'

/**
 * Loaded before the suite. It validates answers against the API's specification, which it reads from GitHub with a
 * library made for older Node; where either fails, it leaves out four of its nine checks and says nothing in its
 * summary. Here it gets that version of the specification from the file beside this one (CC0), and the library gets
 * the functions that Node 23 took away. Reports go to a folder of the run's own: two runs at once write into each
 * other's, as both services are of one host.
 */
const constants = '/pinning-service-compliance/dist/src/utils/constants.js'
const location = /`https:\/\/raw\.githubusercontent\.com\/ipfs\/pinning-services-api-spec\/[^`]*`/
const reports = /const docsDir = [^;]*;/
const file = fileURLToPath(new URL('./ipfs-pinning-service.yaml', import.meta.url))

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context)
    if (!url.endsWith(constants)) return loaded
    const source = String(loaded.source)
    for (const known of [location, reports])
      if (!known.test(source)) throw new Error(`${url} is not as it used to be: it lacks ${known}`)
    const own = `const docsDir = ${JSON.stringify(process.env['COMPLIANCE_REPORTS'])};`
    return { ...loaded, source: source.replace(location, JSON.stringify(file)).replace(reports, own) }
  },
})

Object.assign(util, {
  isObject: (value: unknown) => typeof value === 'object' && value !== null,
  isFunction: (value: unknown) => typeof value === 'function',
  isNumber: (value: unknown) => typeof value === 'number',
  isUndefined: (value: unknown) => value === undefined,
})
