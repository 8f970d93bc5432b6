import type { Swatch } from './keys.tsx'
import { createElement, createText, textWidth, wrapWords } from './svgElements.ts'

/** What an exported figure says beside its drawing. */
export interface FigureCaption {
  readonly title: string
  readonly subtitle: string
  /** What the fills stand for. */
  readonly swatches?: readonly Swatch[]
  /** Run, checkpoint, corpus and threshold the numbers come from. */
  readonly provenance: string
}

/** Properties that carry a figure's look; custom properties and classes mean nothing outside the page. */
const INLINED = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-opacity',
  'stroke-dasharray',
  'opacity',
  'font-family',
  'font-size',
  'font-weight',
  'text-anchor',
  'paint-order',
] as const

const MARGIN = 16
const TITLE_SIZE = 15
const TEXT_SIZE = 12
const FOOT_SIZE = 11

/** A drawing of the page as an SVG file of its own: colours resolved as shown, caption above, provenance below. */
export function exportSvg(drawing: SVGSVGElement, caption: FigureCaption): string {
  const { width, height } = drawing.getBoundingClientRect()
  const { color: ink, backgroundColor: paper } = getComputedStyle(document.documentElement)
  const file = createElement('svg', { width: width + 2 * MARGIN })
  let y = MARGIN
  const addLines = (text: string, size: number, weight: number) => {
    for (const line of wrapWords(text, width, size)) {
      y += 1.35 * size
      file.append(createText(line, { x: MARGIN, y, size, weight, fill: ink }))
    }
  }
  file.append(createElement('rect', { width: '100%', height: '100%', fill: paper }), copyHatch())
  addLines(caption.title, TITLE_SIZE, 600)
  addLines(caption.subtitle, TEXT_SIZE, 400)
  const { swatches = [] } = caption
  if (swatches.length > 0) {
    y += 2 * TEXT_SIZE
    file.append(...drawSwatches(swatches, y, ink))
  }
  y += TEXT_SIZE
  file.append(copyDrawing(drawing, y))
  y += height
  addLines(caption.provenance, FOOT_SIZE, 400)
  y += MARGIN
  file.setAttribute('height', String(y))
  file.setAttribute('viewBox', `0 0 ${width + 2 * MARGIN} ${y}`)
  return new XMLSerializer().serializeToString(file)
}

/** The SVG as a PNG of twice its size in pixels. */
export async function rasterise(svg: string): Promise<Blob> {
  const image = new Image()
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`
  await image.decode()
  const canvas = document.createElement('canvas')
  canvas.width = 2 * image.naturalWidth
  canvas.height = 2 * image.naturalHeight
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height)
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob === null ? reject(new Error('the canvas gives no PNG')) : resolve(blob)), 'image/png')
  })
}

function copyDrawing(drawing: SVGSVGElement, y: number): Element {
  const copy = document.importNode(drawing, true)
  inlineStyles(drawing, copy)
  copy.setAttribute('x', String(MARGIN))
  copy.setAttribute('y', String(y))
  return copy
}

function inlineStyles(source: Element, copy: Element): void {
  const computed = getComputedStyle(source)
  copy.setAttribute('style', INLINED.map((name) => `${name}:${computed.getPropertyValue(name)}`).join(';'))
  copy.removeAttribute('class')
  for (const [i, child] of [...source.children].entries()) {
    const twin = copy.children[i]
    if (child.localName === 'style') twin?.replaceChildren()
    else if (twin !== undefined) inlineStyles(child, twin)
  }
}

function drawSwatches(swatches: readonly Swatch[], y: number, ink: string): Element[] {
  let x = MARGIN
  return swatches.flatMap(({ fill, label }) => {
    const box = { x: x + 0.5, y: y - 9.5, width: 11, height: 10, fill: resolveColor(fill), stroke: ink }
    const text = createText(label, { x: x + 17, y, size: TEXT_SIZE, weight: 400, fill: ink })
    x += 17 + textWidth(label, TEXT_SIZE) + 14
    return [createElement('rect', { ...box, 'stroke-width': 0.6 }), text]
  })
}

/** A fill as it looks on the page, custom properties replaced. */
function resolveColor(fill: string): string {
  const probe = document.createElement('span')
  probe.style.color = fill
  document.body.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return fill.startsWith('url(') ? fill : color
}

/** The page's hatch with its colour resolved. */
function copyHatch(): Element {
  const defs = createElement('defs', {})
  const hatch = document.getElementById('hatch')
  if (hatch === null) return defs
  const copy = document.importNode(hatch, true)
  for (const [i, line] of [...hatch.children].entries()) {
    const twin = copy.children[i]
    if (twin !== undefined) inlineStyles(line, twin)
  }
  defs.append(copy)
  return defs
}
