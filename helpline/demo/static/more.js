// Small arrows at the edges of what scrolls, while there is more than is seen.

const NEAR = 4; // pixels: rounding is nothing more to read

// The arrows stand beside what scrolls. Gives back what looks again.
export function watchMore(scrolls) {
  const arrow = (side) => scrolls.parentElement.querySelector(`.more.${side}`);
  const [above, below] = [arrow("above"), arrow("below")];
  const look = () => {
    const hidden = scrolls.scrollHeight - scrolls.clientHeight;
    if (above) above.hidden = scrolls.scrollTop <= NEAR;
    if (below) below.hidden = hidden - scrolls.scrollTop <= NEAR;
  };
  scrolls.addEventListener("scroll", look, { passive: true });
  new ResizeObserver(look).observe(scrolls);
  return look;
}
