import { expect, test } from 'vitest'
import { defaultPullPolicy } from './image-reference.ts'

const digest = `sha256:${'0'.repeat(64)}`

test.for([
  ['nginx', 'Always'],
  ['nginx:latest', 'Always'],
  ['localhost:5000/team/app', 'Always'],
  ['registry.example.com/a/b_c-d.e:latest', 'Always'],
  ['[fd00::1]:5000/app', 'Always'],
  [`nginx:latest@${digest}`, 'Always'],
  ['nginx:1.27', 'IfNotPresent'],
  ['localhost:5000/team/app:v1', 'IfNotPresent'],
  [`nginx@${digest}`, 'IfNotPresent'],
  ['', 'IfNotPresent'],
  ['Nginx', 'IfNotPresent'],
  ['nginx:', 'IfNotPresent'],
  ['a//b', 'IfNotPresent'],
  ['x'.repeat(2000), 'IfNotPresent'],
] as const)('%s is pulled %s', ([image, policy]) => {
  expect(defaultPullPolicy(image)).toBe(policy)
})
