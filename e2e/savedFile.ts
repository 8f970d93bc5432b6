import { readFileSync } from 'node:fs'
import type { Locator, Page } from '@playwright/test'

/** What the browser saves when `button` is pressed. */
export async function savedFile(page: Page, button: Locator): Promise<{ name: string; text: string }> {
  const [download] = await Promise.all([page.waitForEvent('download'), button.click()])
  return { name: download.suggestedFilename(), text: readFileSync(await download.path(), 'utf8') }
}

/** Records of a CSV file whose cells hold no quotes or line breaks but a quoted cell's own. */
export function csvRecords(text: string): Record<string, string>[] {
  const [head = [], ...rows] = text.trim().split(/\r?\n/).map(cells)
  return rows.map((row) => Object.fromEntries(head.map((name, i) => [name, row[i] ?? ''])))
}

function cells(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) =>
    quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'),
  )
}
