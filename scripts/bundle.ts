import { fileURLToPath } from 'node:url'
import { build } from 'rolldown'
import { type LicenseInfo, licensePlugin } from 'rolldown-license-plugin'

/**
 * Bundles both steps of the action with all that they use into a folder: `main/index.js`, `post/index.js`, and beside
 * them what they share. Whose code is in it, and under which terms, is in `licenses.txt`: most licences ask for that.
 */
export async function bundleInto(folder: string): Promise<void> {
  await build({
    cwd: fileURLToPath(new URL('../', import.meta.url)),
    input: ['src/main.ts', 'src/post.ts'],
    platform: 'node',
    output: {
      dir: folder,
      entryFileNames: '[name]/index.js',
      chunkFileNames: 'shared/[name].js',
      codeSplitting: {
        groups: [
          { name: 'packages', test: isPackage },
          { name: 'steps', minShareCount: 2 },
        ],
      },
    },
    plugins: [
      licensePlugin({
        failOnUnlicensed: true,
        done: (packages, context) => {
          const source = packages.map(termsOf).join('\n\n')
          context.emitFile({ type: 'asset', fileName: 'licenses.txt', source: `${source}\n` })
        },
      }),
    ],
    logLevel: 'warn',
  })
}

/** But for GitHub's toolkit: it reads what the runner says as it is loaded, may throw, and is loaded where it is used. */
function isPackage(path: string): boolean {
  return /[/\\]node_modules[/\\](?!@actions[/\\]github[/\\])/.test(path)
}

function termsOf({ name, version, license, licenseText }: LicenseInfo): string {
  return [`${name} ${version}`, license, licenseText].filter((text) => text !== '').join('\n')
}
