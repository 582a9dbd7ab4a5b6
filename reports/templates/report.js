// Sorting by a click on a column's head; everything else works without scripts.
document.querySelectorAll("th").forEach(function (head) {
  head.addEventListener("click", function () {
    var table = head.closest("table"), body = table.tBodies[0];
    var column = Array.prototype.indexOf.call(head.parentNode.children, head);
    var down = head.dataset.down !== "1";
    var rows = Array.prototype.slice.call(body.rows);
    function key(row) {
      var cell = row.cells[column], number = parseFloat(cell.textContent.replace(/,/g, ""));
      return head.classList.contains("n") ? (isNaN(number) ? -Infinity : number) : cell.textContent;
    }
    rows.sort(function (a, b) {
      var x = key(a), y = key(b);
      return (x < y ? -1 : x > y ? 1 : 0) * (down ? -1 : 1);
    });
    head.dataset.down = down ? "1" : "0";
    rows.forEach(function (row) { body.appendChild(row); });
  });
});
