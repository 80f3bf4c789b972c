import { render as draw, h } from "preact";
import { App } from "./app";
import { followTheme, followVisibility, onReload } from "./host";
import { follow, refresh } from "./state/runs";
import { followAddress } from "./state/view";
import styles from "./theme.css?url";

/** What TensorBoard's plugin page calls once it has loaded this module. */
export async function render(): Promise<void> {
  document.documentElement.lang = "en";
  document.title = "Azure ML";
  followTheme();
  followVisibility();
  followAddress();
  follow();
  onReload(() => void refresh());
  await styled();
  draw(h(App, {}), document.body);
}

/** The page must not be drawn bare. */
function styled(): Promise<void> {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = styles;
  return new Promise((resolve) => {
    link.onload = () => resolve();
    link.onerror = () => resolve();
    document.head.append(link);
  });
}
