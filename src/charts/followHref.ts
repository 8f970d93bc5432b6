/** Goes where a mark of a figure leads, as a link would: in another tab where the reader asks for one. */
export function followHref(href: string, event: { readonly ctrlKey: boolean; readonly metaKey: boolean }): void {
  if (event.ctrlKey || event.metaKey) window.open(href)
  else location.assign(href)
}
