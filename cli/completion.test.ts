/** What shells offer; bash is asked for real. */
import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { completionScript } from './completion.ts'

const commands = [
  { name: 'up', summary: 'Starts it.', flags: ['name', 'nodes'] },
  { name: 'node add', summary: 'Adds one.', flags: ['count'] },
  { name: 'node remove', summary: 'Removes one.', flags: ['name'] },
]

test.for([
  { words: ['nanokube', ''], choices: ['up', 'node'] },
  { words: ['nanokube', 'u'], choices: ['up'] },
  { words: ['nanokube', 'node', ''], choices: ['add', 'remove'] },
  { words: ['nanokube', 'node', 'add', '--'], choices: ['--count'] },
  { words: ['nanokube', 'up', '--no'], choices: ['--nodes'] },
  { words: ['nanokube', 'up', 'x', '--na'], choices: ['--name'] },
  { words: ['nanokube', 'up', 'x'], choices: [] },
])('bash completes $words', ({ words, choices }) => {
  const line = words.map((word) => `'${word}'`).join(' ')
  const script = `${completionScript('bash', commands)}
COMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _nanokube; echo "\${COMPREPLY[@]}"`
  const told = execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim()
  expect(told.split(' ').filter(Boolean)).toEqual(choices)
})

test('zsh takes the completion of bash', () => {
  const script = completionScript('zsh', commands)
  expect(script).toMatch(/^#compdef nanokube/)
  expect(script).toContain(completionScript('bash', commands))
})

test('fish knows commands, their second words and their flags', () => {
  const lines = completionScript('fish', commands).split('\n')
  expect(lines).toContain(
    "complete -c nanokube -f -n 'not __fish_seen_subcommand_from up node' -a up -d 'Starts it.'",
  )
  expect(lines).toContain(
    "complete -c nanokube -f -n '__fish_seen_subcommand_from node; " +
      "and not __fish_seen_subcommand_from add remove' -a 'add remove'",
  )
  expect(lines).toContain(
    "complete -c nanokube -n '__fish_seen_subcommand_from node; " +
      "and __fish_seen_subcommand_from add' -l count",
  )
})
