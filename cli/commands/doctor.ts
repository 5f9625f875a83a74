/** `nanokube doctor`: whether this machine can run clusters, and what to do where it cannot. */
import { clusterFlags, engineFlags, filesOf } from '../chosen-cluster.ts'
import { CommandError, defineCommand } from '../command.ts'
import { examine } from '../doctor/examine.ts'
import { type Grade, verdictsOn } from '../doctor/verdicts.ts'

const marks: Readonly<Record<Grade, string>> = { good: '✓', limited: '!', missing: '✗' }

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'Looks whether this machine has what clusters need, and says what to do.',
  options: { ...clusterFlags, ...engineFlags },
  async run(values, _words, { host, progress }) {
    const { directory } = filesOf(values)
    const verdicts = verdictsOn(await examine(values.engine, directory, host))
    const lines = verdicts.flatMap(({ subject, grade, found, advice }) => [
      `${marks[grade]} ${subject}: ${found}`,
      ...(advice ? [`    ${advice}.`] : []),
    ])
    progress.report({ verdicts }, lines.join('\n'))
    const missing = verdicts.filter(({ grade }) => grade === 'missing')
    if (missing.length > 0) {
      throw new CommandError(`missing: ${missing.map(({ subject }) => subject).join(', ')}`)
    }
  },
})
