/** A stand-in for Node's image, of what is on this machine: a build on it downloads nothing. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const REPOSITORY = 'nanokube-test/base'
/** Besides Node; all else comes from busybox. */
const PROGRAMS = ['nft', 'ip', 'conntrack', 'nsenter', 'mount', 'umount', 'curl']
const SEARCHED = '/usr/sbin:/usr/bin:/sbin:/bin'

const told = (command: string, words: readonly string[]): string =>
  execFileSync(command, words, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, cwd: root })

/** Name of the image, which is there then. */
export function composeBase(): string {
  const lock = readFileSync(join(root, 'package-lock.json'))
  const tag = createHash('sha256').update(lock).update(process.version).digest('hex').slice(0, 12)
  const name = `${REPOSITORY}:${tag}`
  if (told('docker', ['images', '-q', name]).trim()) return name
  const folder = mkdtempSync(join(tmpdir(), 'nanokube-base-'))
  try {
    fill(folder, lock)
    const archive = join(folder, '..', `${tag}.tar`)
    told('tar', ['-C', folder, '-cf', archive, '.'])
    const change = `ENV PATH=${SEARCHED}`
    told('docker', ['import', '--change', change, archive, name])
    rmSync(archive)
    return name
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function fill(folder: string, lock: Buffer): void {
  const put = (source: string, target: string): void => {
    mkdirSync(join(folder, dirname(target)), { recursive: true })
    copyFileSync(source, join(folder, target))
  }
  for (const path of [
    'tmp',
    'root',
    'var/lib',
    'var/cache',
    'proc',
    'sys',
    'usr/bin',
    'bin',
    'etc',
  ]) {
    mkdirSync(join(folder, path), { recursive: true })
  }
  const environment = { PATH: SEARCHED }
  const where = (name: string): string =>
    execFileSync('sh', ['-c', 'command -v "$0"', name], {
      encoding: 'utf8',
      env: environment,
    }).trim()
  const programs = [
    [process.execPath, '/usr/bin/node'] as const,
    ...PROGRAMS.map((name) => [where(name), `/usr/sbin/${name}`] as const),
  ]
  const libraries = new Set<string>()
  for (const [source, target] of programs) {
    put(realpathSync(source), target)
    for (const [path] of told('ldd', [source]).matchAll(/\/\S+/g)) libraries.add(path)
  }
  for (const path of libraries) put(realpathSync(path), path)
  put('/bin/busybox', '/bin/busybox')
  const links = told('/bin/busybox', ['--list']).split('\n')
  for (const name of links)
    if (name && name !== 'busybox') symlinkSync('busybox', join(folder, 'bin', name))
  writeFileSync(join(folder, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n')
  const modules = join(folder, 'nanokube/node_modules')
  for (const path of told('npm', ['ls', '--omit=dev', '--all', '--parseable']).split('\n')) {
    const [, inside] = path.split('/node_modules/', 2)
    if (!inside) continue
    cpSync(path, join(modules, path.slice(join(root, 'node_modules/').length)), { recursive: true })
  }
  writeFileSync(join(modules, '.made-of'), lock)
}
