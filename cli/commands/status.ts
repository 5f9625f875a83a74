/** `nanokube status`: what of a cluster runs. */
import { clusterFlags, existing } from '../chosen-cluster.ts'
import { defineCommand } from '../command.ts'
import type { Kept } from '../supervisor/keeper.ts'
import { readStatus, runningSupervisor } from '../supervisor/processes.ts'

export const status = defineCommand({
  name: 'status',
  summary: 'Shows the processes of a cluster.',
  options: clusterFlags,
  async run(values, _words, { progress }) {
    const { files, cluster } = await existing(values)
    const supervisor = await runningSupervisor(files)
    const told = supervisor === undefined ? undefined : await readStatus(files)
    const components = told?.components ?? {}
    const { name, apiPort, joined } = cluster
    const server = joined?.server ?? `https://localhost:${apiPort}`
    const data = { cluster: name, isRunning: Boolean(told), server, components }
    const head = told ? `Cluster "${name}" at ${server}` : `Cluster "${name}" is stopped`
    const rows = Object.entries(components).map(rowOf)
    const problem = told?.problem ? `Problem: ${told.problem}` : undefined
    const table = rows.length > 0 ? [columns(headers), ...rows.map(columns)] : []
    const text = [head, ...table, problem].filter(Boolean).join('\n')
    progress.report({ ...data, ...(problem && { problem: told?.problem }) }, text)
  },
})

const headers = ['COMPONENT', 'STATE', 'PID', 'RESTARTS', 'LAST END'] as const

const rowOf = ([name, { state, pid, restarts, lastEnd }]: readonly [string, Kept]) => [
  name,
  state,
  String(pid ?? ''),
  String(restarts),
  lastEnd ?? '',
]

const WIDTHS = [28, 10, 9, 10]

const columns = (cells: readonly string[]): string =>
  cells
    .map((cell, at) => cell.padEnd(WIDTHS[at] ?? 0))
    .join('')
    .trimEnd()
