/** Adds up the reports of all test runs; plain JavaScript, for it runs on the machine's own Node. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const [folder, status] = process.argv.slice(2)
let passed = 0
let failed = 0
for (const file of readdirSync(folder)) {
  const report = JSON.parse(readFileSync(join(folder, file), 'utf8'))
  passed += report.numPassedTests
  failed += report.numFailedTests
}
// A run that failed elsewhere, or that ran nothing, did not go well.
if (failed === 0 && (status !== '0' || passed === 0)) failed = 1
console.log(`${passed} passed, ${failed} failed`)
