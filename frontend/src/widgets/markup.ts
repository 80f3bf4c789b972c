import DOMPurify from "dompurify";
import { marked } from "marked";

const CLEAN = {
  USE_PROFILES: { html: true },
  // Nothing that takes input, none of the page's own names and no look but ours.
  FORBID_TAGS: ["form", "input", "button", "select", "textarea", "style", "audio", "video", "source"],
  FORBID_ATTR: ["id", "name", "class", "style", "autofocus", "srcset"],
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|data:image\/(?:png|jpeg|gif|webp);)/i,
  RETURN_DOM_FRAGMENT: true,
} as const;

/** Markdown as nodes that cannot act: links open outside, and nothing runs. */
export function rendered(text: string): DocumentFragment {
  const html = marked.parse(text, { async: false, gfm: true, breaks: true });
  const nodes = DOMPurify.sanitize(html, CLEAN as unknown as { RETURN_DOM_FRAGMENT: true });
  for (const link of nodes.querySelectorAll("a")) {
    link.target = "_blank";
    link.rel = "noopener noreferrer";
  }
  for (const image of nodes.querySelectorAll("img")) {
    if (image.hasAttribute("src")) image.alt ||= "";
    else image.remove(); // its address was none that may be asked
  }
  for (const table of nodes.querySelectorAll("table")) table.classList.add("plain");
  return nodes;
}
