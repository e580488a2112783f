import type { VerifiedCertificate } from './render-page.ts';

/** Small enough that a hash and a page number stand in one line. */
const MARGIN_FONT = '7pt "Noto Sans Mono", Consolas, "Liberation Mono", monospace';

/**
 * Style of the printed page: A4, black on white, no colour that a copier loses, no font and no file
 * from elsewhere. A table does not break inside a row. Every sheet bears the certificate's id, the
 * hash of what was signed and its number, in the margins, which browsers on Chromium 131 or later
 * print; in others they stand at the beginning and the end alone.
 */
export function pageStyle({ certificate, payloadSha256 }: VerifiedCertificate): string {
  const { certificateId } = certificate;
  return `
@page { size: A4; margin: 18mm 16mm;
  @top-right { content: "${certificateId}"; font: ${MARGIN_FONT}; }
  @bottom-left { content: "SHA-256 ${payloadSha256}"; font: ${MARGIN_FONT}; }
  @bottom-right { content: counter(page) " / " counter(pages); font: ${MARGIN_FONT}; } }
* { box-sizing: border-box; }
html { font: 10pt/1.45 "Noto Serif", "Source Han Serif SC", "Noto Serif CJK SC", SimSun, Georgia,
  serif; color: #111; background: #fff; }
body { margin: 0 auto; max-width: 178mm; padding: 6mm 0; }
header { border-top: 2.5pt solid #111; border-bottom: .5pt solid #111; padding: 5mm 0 4mm; }
h1 { font-size: 19pt; line-height: 1.2; margin: 0 0 3mm; font-weight: 600; }
header dl { display: grid; grid-template-columns: 34mm 1fr; margin: 0; row-gap: .6mm; }
header dt { color: #444; }
header dd, td { overflow-wrap: anywhere; }
header dd { margin: 0; }
.summary { font-size: 11.5pt; margin: 5mm 0; }
h2 { font-size: 11.5pt; margin: 6mm 0 1.5mm; break-after: avoid; }
table { width: 100%; border-collapse: collapse; }
th, td { text-align: left; vertical-align: top; padding: 1.2mm 2mm 1.2mm 0;
  border-top: .4pt solid #999; }
tr, li, .facts div { break-inside: avoid; }
.signatures { break-inside: avoid; }
.facts th { width: 44mm; font-weight: 400; color: #444; }
.facts td div + div { margin-top: .6mm; }
.grid th, .grid td { border: .5pt solid #555; padding: 1.4mm; font-size: 8.5pt; }
.grid th { font-weight: 600; background: #f2f2f2; }
.grid td:first-child, .grid td:last-child { white-space: nowrap; }
.signatures { margin-bottom: 4mm; table-layout: fixed; }
.signatures th { width: 46mm; vertical-align: middle; }
.signatures td { height: 9.5mm; color: #777; vertical-align: bottom; }
ul { margin: 1mm 0; padding-left: 5mm; }
.note { color: #444; font-size: 9pt; break-after: avoid; }
.mono { font-family: "Noto Sans Mono", Consolas, "Liberation Mono", monospace; font-size: 8.5pt; }
footer { border-top: .5pt solid #111; margin-top: 7mm; padding-top: 3mm; break-inside: avoid; }
`.trim();
}
