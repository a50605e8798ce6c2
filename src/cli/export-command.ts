import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseTrace, readCapture, readTrace } from '../capture';
import { CallLabError, errorCatalogue } from '../core';
import { NoSuchPart, toHtml, toMarkdown, toMmd } from '../export';
import { TraceModel } from '../trace';
import { type CommandLine, UsageError } from './command-line';
import { BadFile } from './scenario-file';

export type ExportLine = Extract<CommandLine, { readonly command: 'export' }>;

/** `call-lab export`: the exit code. Throws {@link BadFile} or {@link UsageError}. */
export function exportFile({ file, scope, diagram, outputs }: ExportLine): number {
  const source = { model: readModel(file), title: path.basename(file), scope };
  if (source.model.messages.length === 0) throw new BadFile([`${file}: it holds no message that can be drawn.`]);
  try {
    const { mmd, md, html } = outputs;
    if (mmd !== undefined) writeFileSync(mmd, toMmd(source, diagram));
    if (md !== undefined) writeFileSync(md, toMarkdown(source));
    if (html !== undefined) writeFileSync(html, toHtml(source));
    if (mmd === undefined && md === undefined && html === undefined) process.stdout.write(toMmd(source, diagram));
    return 0;
  } catch (error) {
    throw error instanceof NoSuchPart ? new BadFile([`${file}: ${error.message}`]) : error;
  }
}

function readModel(file: string): TraceModel {
  if (/\.ya?ml$/u.test(file)) throw new UsageError(`${file} is a scenario: "run" plays it, with the same --mmd, --md and --html.`);
  const bytes = readBytes(file);
  if (file.endsWith('.siptrace')) {
    const trace = parseTrace(bytes.toString('utf8'));
    for (const { line, text } of trace.faults) console.error(`${file}:${line + 1}: ${text}`);
    return readTrace(trace);
  }
  try {
    const { packets, notes } = readCapture(bytes);
    for (const { frame, text } of notes) console.error(`${file}: ${frame === 0 ? '' : `frame ${frame}: `}${text}`);
    return TraceModel.from(packets);
  } catch (error) {
    throw error instanceof CallLabError ? new BadFile([`${file}: ${error.code}: ${error.message}`]) : error;
  }
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const why = error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'there is no such file' : String(error);
    throw new BadFile([`${file}: CL5001: ${errorCatalogue.CL5001.title}: ${why}.`]);
  }
}
