/** `nanokube completion`: a script for the shell. */
import { CommandError, defineCommand } from '../command.ts'
import { completionScript, shells } from '../completion.ts'

export const completion = defineCommand({
  name: 'completion',
  summary: 'Prints a script that completes commands in bash, zsh or fish.',
  words: { usage: 'bash|zsh|fish', min: 1, max: 1 },
  options: {},
  async run(_values, [word], { host }) {
    const shell = shells.find((each) => each === word)
    if (!shell) {
      throw new CommandError(`completion: found "${word}", wanted one of ${shells.join(', ')}`)
    }
    // When it is asked for: the list holds this command too.
    const { commands } = await import('../commands.ts')
    const described = commands.map(({ name, summary, options }) => ({
      name,
      summary,
      flags: [...Object.values(options).flatMap((flags) => Object.keys(flags)), 'json', 'help'],
    }))
    host.output.write(completionScript(shell, described))
  },
})
