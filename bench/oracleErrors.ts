import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { measureOracle, QUANTITIES, type Quantity } from './measureOracle.ts'

const oracles = fileURLToPath(new URL('../test/oracles', import.meta.url))
const folders = (await readdir(oracles)).filter((name) => existsSync(join(oracles, name, 'reference.safetensors')))
const temporary = await mkdtemp(join(tmpdir(), 'atlas-oracles-'))
const formatError = (error: number): string => error.toExponential(1)

console.log(
  'Largest absolute difference from PyTorch (spd package, float32, CPU) over four sequences of 1 to 30 tokens.\n',
)
console.log(`| oracle | ${QUANTITIES.map((quantity: Quantity) => quantity.replaceAll('_', ' ')).join(' | ')} |`)
console.log(`|---${'|---:'.repeat(QUANTITIES.length)}|`)
try {
  for (const folder of folders) {
    const errors = await measureOracle(join(oracles, folder), join(temporary, folder))
    console.log(`| ${folder} | ${QUANTITIES.map((quantity) => formatError(errors[quantity])).join(' | ')} |`)
  }
} finally {
  await rm(temporary, { recursive: true })
}
