import { Component, type ComponentChild, type ComponentType } from "preact";

/** A component that draws again only when a prop is another one, or a signal that it reads has changed. */
export function memo<P extends object>(draw: (props: P) => ComponentChild): ComponentType<P> {
  return class extends Component<P> {
    override shouldComponentUpdate(next: P, state: object): boolean {
      const now = this.props as P;
      if (state !== this.state) return true; // how a signal, or a hook, asks for it
      return (Object.keys(next) as (keyof P)[]).some((key) => next[key] !== now[key]);
    }

    override render(): ComponentChild {
      return draw(this.props as P);
    }
  };
}
