/** Whether `text` takes at most `maxBytes` bytes in UTF-8. Counts only when the length alone does not tell. */
export function fitsInBytes(text: string, maxBytes: number): boolean {
  // One UTF-16 unit takes one to three bytes (a surrogate pair takes four for its two units).
  if (text.length > maxBytes) return false;
  if (text.length * 3 <= maxBytes) return true;
  let bytes = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (unit >= 0xd800 && unit < 0xdc00 && isLowSurrogate(text, index + 1)) {
      bytes += 4;
      index++;
    } else bytes += 3; // a lone surrogate is sent as U+FFFD, which also takes three
  }
  return bytes <= maxBytes;
}

function isLowSurrogate(text: string, index: number): boolean {
  const unit = text.charCodeAt(index); // NaN behind the end, which compares false
  return unit >= 0xdc00 && unit < 0xe000;
}
