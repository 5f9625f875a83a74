/** Files of variables that one container writes for the next: `NAME='value'`, one after another. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Pod } from '#api/kinds/core/pod.ts'
import { ConfigError } from './config-error.ts'
import { volumesDirectory } from './pod-directories.ts'
import { isMissing } from './volumes/atomic-writer.ts'
import { emptyDir } from './volumes/empty-dir.ts'
import { resolveInside } from './volumes/sub-path.ts'

const FILE_BYTES_MAX = 1024 * 1024

/** Undefined where there is none. No link leads out of the volume. */
export async function readEnvironmentFile(
  rootDirectory: string,
  pod: Pod,
  volume: string,
  path: string,
): Promise<string | undefined> {
  const source = pod.spec.volumes?.find(({ name }) => name === volume)?.emptyDir
  if (!source || source.medium === 'Memory') {
    throw new ConfigError(`cannot find the volume "${volume}" referenced by FileKeyRef`)
  }
  const volumes = volumesDirectory(rootDirectory, pod.metadata.uid)
  const directory = join(volumes, emptyDir.folder, volume)
  try {
    const file = await resolveInside(directory, path)
    const data = await readFile(`${directory}${file.path}`)
    if (data.length <= FILE_BYTES_MAX) return data.toString()
  } catch (error) {
    if (isMissing(error)) return undefined
    throw new ConfigError("couldn't parse env file", { cause: error })
  }
  throw new ConfigError("couldn't parse env file")
}

/** A quoted value may go on over many lines; `#` begins a comment outside quotes. */
const assignment = /^[ \t]*([^\s=#]+)[ \t]*=[ \t]*(?:'([^']*)'|([^\n#]*))[ \t]*(?:#.*)?$/gm

/** The value of a variable, or undefined; the first of several counts. */
export function variableInFile(text: string, key: string): string | undefined {
  for (const [, name, quoted, plain = ''] of text.replaceAll('\r\n', '\n').matchAll(assignment)) {
    if (name === key) return quoted ?? plain.trim()
  }
  return undefined
}
