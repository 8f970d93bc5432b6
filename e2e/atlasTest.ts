import { test as base, expect } from '@playwright/test'

export { expect }

/** Every browser test also holds that the page logs no error and asks nothing of another host. */
export const test = base.extend<{ strictPage: undefined }>({
  strictPage: [
    async ({ page, baseURL }, use, testInfo) => {
      const faults: string[] = []
      page.on('pageerror', (error) => faults.push(`uncaught: ${error.message}`))
      page.on('console', (message) => {
        if (message.type() === 'error') faults.push(`console: ${message.text()}`)
      })
      page.on('request', (request) => {
        const url = request.url()
        if (baseURL && !url.startsWith(baseURL) && !/^(data|blob):/.test(url))
          faults.push(`request beyond the origin: ${url}`)
      })
      await use(undefined)
      const expected = testInfo.annotations
        .filter(({ type }) => type === 'expects')
        .map(({ description = '' }) => description)
      expect(faults.filter((fault) => !expected.some((part) => fault.includes(part)))).toEqual([])
    },
    { auto: true },
  ],
})

/** Says that the running test provokes a console error containing `part` (a missing file answered by 404, say). */
export function expectFault(part: string): void {
  test.info().annotations.push({ type: 'expects', description: part })
}
