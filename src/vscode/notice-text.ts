/**
 * Makes any text safe in a notification. The editor turns `[words](command:…)` there into a link that runs a command, and
 * a reason phrase or a name in it may be a stranger's.
 */
export function noticeText(text: string): string {
  return text.replace(/\]\(/gu, '] (');
}
