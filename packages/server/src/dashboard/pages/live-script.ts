/**
 * Puts what happens now above what stood on the page. Whatever an event tells is text: nothing is made of it but text nodes.
 * Its hash is in the Content-Security-Policy of the dashboard's pages that have a script.
 */
export const liveScript = `
const live=document.getElementById("live"),state=document.getElementById("live-state"),most=200;
let last=Number(live.dataset.last),rows=live.querySelector("tbody");
const source=new EventSource("/admin/api/v1/events/stream");
source.onopen=()=>{state.textContent="Live"};
source.onerror=()=>{state.textContent="Not connected"};
source.onmessage=({data})=>{
const {id,at,type,operator,by,subject,client_id,address,count,request_id,flow_id,grant_id,...more}=JSON.parse(data);
if(id<=last)return;
last=id;
if(!rows)return location.reload();
const row=document.createElement("tr");
const cells=[at.slice(0,10)+" "+at.slice(11,19),count>1?type+" ×"+count:type,operator??(by?"the "+by:subject)??"–",[client_id,operator||by?subject:""].filter(Boolean).join(" · ")||"–",address??"–",Object.entries(more).map(([name,value])=>name+": "+value).join(" · ")];
cells.forEach((text,index)=>{const cell=document.createElement(index?"td":"th");if(!index)cell.scope="row";if(index==5)cell.className="words";else cell.className="short";const inner=document.createElement("bdi");inner.textContent=text;cell.append(inner);row.append(cell)});
rows.prepend(row);
while(rows.children.length>most)rows.lastElementChild.remove()};
`.trim();
