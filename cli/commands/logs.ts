/** `nanokube logs`: what a component of a cluster has written. */
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { option } from '#daemon/options.ts'
import { clusterFlags, existing } from '../chosen-cluster.ts'
import { CommandError, defineCommand } from '../command.ts'
import { followFile } from '../follow-file.ts'

export const logs = defineCommand({
  name: 'logs',
  summary: 'Prints the log of a component, or the names of all that have one.',
  words: { usage: '[COMPONENT]', min: 0, max: 1 },
  options: {
    ...clusterFlags,
    'Log flags': {
      follow: option.boolean({ help: 'Go on with what is written from now on.', short: 'f' }),
    },
  },
  async run(values, [component], { host, progress, signal }) {
    const { files } = await existing(values)
    const known = await logNames(files.logs)
    if (component === undefined) return progress.report({ components: known }, known.join('\n'))
    if (!known.includes(component)) {
      throw new CommandError(
        `component "${component}" has no log`,
        `There are logs of: ${known.join(', ')}`,
      )
    }
    const path = files.log(component)
    const chunks = values.follow ? followFile(path, signal) : createReadStream(path)
    const text = new TextDecoder()
    for await (const chunk of chunks) host.output.write(text.decode(chunk, { stream: true }))
  },
})

async function logNames(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.log'))
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)).replace(/\.log$/, ''))
    .toSorted()
}
