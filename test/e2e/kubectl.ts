/** kubectl as a user runs it in a shell, and what its output should read like. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ADMIN_TOKEN, CERTIFICATE_FILE, type ServerProcess } from '#bench/server-process.ts'

const manifests = fileURLToPath(new URL('manifests', import.meta.url))

/** Another kubectl than the one on the PATH can be named, to try several releases. */
export const KUBECTL = process.env.KUBECTL ?? 'kubectl'

export const hasKubectl = (): boolean =>
  spawnSync(KUBECTL, ['version', '--client'], { stdio: 'ignore' }).status === 0

export interface Shell {
  /** Runs `kubectl` with these words, as the shell reads them; what it wrote, and how it ended. */
  run(words: string, environment?: Readonly<Record<string, string>>): Promise<string>
  readonly directory: string
}

/** A shell in a directory with the manifests, where kubectl knows the server and a namespace. */
export async function openShell(server: ServerProcess, namespace: string): Promise<Shell> {
  const directory = await mkdtemp(join(server.directory, 'shell-'))
  await cp(manifests, directory, { recursive: true })
  const kubeconfig = join(directory, 'kubeconfig.json')
  await writeFile(kubeconfig, JSON.stringify(configuration(server.url, namespace)))
  const home = join(server.directory, 'home')
  await mkdir(home, { recursive: true })
  const always = { PATH: process.env.PATH ?? '', HOME: home, KUBECONFIG: kubeconfig, LANG: 'C' }
  return {
    directory,
    async run(words, environment = {}) {
      const child = spawn('sh', ['-c', `"${KUBECTL}" ${words}`], {
        cwd: directory,
        env: { ...always, ...environment },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      const written: [Buffer[], Buffer[]] = [[], []]
      child.stdout.on('data', (bytes: Buffer) => written[0].push(bytes))
      child.stderr.on('data', (bytes: Buffer) => written[1].push(bytes))
      const [code] = (await once(child, 'close')) as [number]
      const text = written.map((chunks) => Buffer.concat(chunks).toString()).join('')
      return code === 0 ? text : `${text.trimEnd()}\n(exit ${code})`
    },
  }
}

export const configuration = (server: string, namespace: string) => ({
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': 'test',
  clusters: [{ name: 'test', cluster: { server, 'certificate-authority': CERTIFICATE_FILE } }],
  users: [{ name: 'test', user: { token: ADMIN_TOKEN } }],
  contexts: [{ name: 'test', context: { cluster: 'test', user: 'test', namespace } }],
})

/** Columns are as wide as what is in them, which tells nothing; indentation does. */
const compact = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.replace(/(?<=\S)[ \t]+/g, ' ').trimEnd())
    .join('\n')
    .trim()

const placeholders: Readonly<Record<string, string>> = {
  '<age>': '\\d+[smhd]\\w*',
  '<time>': '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ',
  '<ip>': '10\\.96\\.\\d+\\.\\d+',
  '<uid>': '[0-9a-f-]{36}',
  '<number>': '\\d+',
  '<any>': '.*',
  // Any number of lines, none too.
  '<lines>\n': '(?:.*\\n)*?',
  '<lines>': '[^]*?',
}

/** What `wanted` describes: text with placeholders. */
export function outputPattern(wanted: string): RegExp {
  const parts = compact(wanted).split(/(<lines>\n|<[a-z]+>)/)
  const source = parts.map((part) => placeholders[part] ?? RegExp.escape(part)).join('')
  return new RegExp(`^${source}$`)
}

export const comparableOutput = compact
