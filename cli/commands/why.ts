/** `nanokube why`: what keeps an object from being as it should be, in words. */
import { option } from '#daemon/options.ts'
import { adminAccess } from '../api-access.ts'
import { clusterFlags, existingHere } from '../chosen-cluster.ts'
import { CommandError, defineCommand } from '../command.ts'
import { why } from '../why/survey.ts'

export const whyCommand = defineCommand({
  name: 'why',
  summary: 'Says why a pod waits, a claim has no volume, or another object is not as it should be.',
  words: { usage: 'KIND/NAME', min: 1, max: 2 },
  options: {
    ...clusterFlags,
    'Object flags': {
      namespace: option.text({ help: 'Namespace of the object.', default: 'default', short: 'n' }),
    },
  },
  async run(values, words, { clock, progress }) {
    const { files } = await existingHere(values)
    const [kind = '', name = ''] = words.length === 2 ? words : (words[0] ?? '').split('/')
    if (!kind || !name) throw new CommandError(`why: found "${words[0]}", wanted KIND/NAME`)
    await using access = await adminAccess(files, clock)
    const answer = await why(access.client, { kind, name, namespace: values.namespace })
    const lines = answer.findings.map(({ text }) => `  ${text}`)
    const advice = [...new Set(answer.findings.flatMap((each) => each.advice ?? []))]
    const text = [
      `${answer.object}:`,
      ...lines,
      ...(advice.length > 0 ? ['What helps:', ...advice.map((each) => `  ${each}`)] : []),
      ...(answer.events.length > 0
        ? ['What happened last:', ...answer.events.map((each) => `  ${each}`)]
        : []),
    ]
    progress.report(answer, text.join('\n'))
  },
})
