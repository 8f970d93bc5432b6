import { Argument, type Command, Option } from 'commander'
import type { Terminal } from './Terminal.ts'
import type { TableOptions } from './table.ts'
import { LEVEL_TABLES, TABLE_FORMATS, TABLE_NAMES, type TableName } from './tableNames.ts'

export function registerTable(program: Command, terminal: Terminal): void {
  program
    .command('table')
    .description("Prints a table of a bundle's index.")
    .addArgument(new Argument('<table>', 'which one').choices(TABLE_NAMES))
    .requiredOption('--bundle <dir>', 'the run bundle')
    .addOption(
      new Option('--format <f>', 'CSV with a header, or a JSON object a line').choices(TABLE_FORMATS).default('csv'),
    )
    .option('--threshold <t>', `one of the index's levels (default: the run's; ${LEVEL_TABLES.join(', ')})`, Number)
    .action(async (table: TableName, options: TableOptions) => {
      const { printTable } = await import('./table.ts')
      await printTable(table, options, terminal)
    })
}
