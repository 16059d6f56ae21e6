//! The curriculum rows this lab answers.

use crate::stage::lab::Question;
use crate::stage::text::Lang;

/// The rows, in curriculum order.
pub fn list(lang: Lang) -> &'static [Question] {
    lang.pick(&EN, &ZH)
}

const C12: &str = "layers=c3,c3,c3,c3&size=32&object=9&compare=layers:c5,c5";
const C13: &str = "layers=c3,c3s2,c3s2&size=32&object=9";
const C14: &str = "object=30&panel=object";
const C28: &str = "layers=c5,c5,c5&size=48&object=13&compare=layers:c3,c3,c3,c3,c3,c3";
const C29: &str = "layers=w31&compare=layers:c3,c3,c3,c3,c3,c3,c3,c3,c3,c3,c3,c3,c3,c3,c3";
const C39: &str = "layers=c3,c3&size=24&object=5&channels=1&compare=layers:c5";
const C45: &str = "layers=c3d2,c3d2,c3d2&size=48&panel=coverage&compare=layers:c3,m2s2,c3,m2s2";
const C51: &str = "layers=c3,c3,c3,c3,c3,c3,c3,c3,c3,c3,c3,c3,c3,c3,c3&weights=normal";

const EN: [Question; 8] = [
    Question {
        id: "C12",
        short: "3×3 against 1×1 and 5×5",
        look: "Four 3×3 layers and two 5×5 layers see the same 9 × 9 pixels. Compare parameters in the table, and the profiles: the deeper stack is narrower in the middle and passes through more activations. Make every layer c1: the field stays a single pixel, however deep.",
        link: C12,
        ask: "Two 5×5 layers see 9×9 pixels. How many 3×3 layers see as far?",
        options: &["4", "2", "3"],
        answer: "{depth}: a 3×3 layer adds 2 pixels to the field, a 5×5 layer 4, a 1×1 layer none. The 3×3 stack sees {receptive_field} × {receptive_field} pixels with {parameters} weights instead of {beside_parameters} and passes twice as many activations. It looks more at the middle: σ is {sigma} instead of {beside_sigma}.",
        mistake: "",
    },
    Question {
        id: "C13",
        short: "What is a receptive field?",
        look: "The pixels that can change a unit. Read the recurrence: k3s1, k3s2, k3s2 gives 3, 5, 9. Change one stride at a time and see which layers' fields move. The gradient touches exactly 9 columns.",
        link: C13,
        ask: "Three 3×3 layers with strides 1, 2 and 2. How many pixels wide is the field of the last unit?",
        options: &["9", "15", "7"],
        answer: "{receptive_field}. A layer adds kernel − 1 pixels times the strides of all layers before it, so the field grows 3, 5, {receptive_field}. The gradient of the unit touches exactly {measured_width} columns of the input.",
        mistake: "3, 7, 15. That lets a stride widen the field of its own layer. A stride spaces out the units of the map it makes, so it counts only for the layers that read this map.",
    },
    Question {
        id: "C14",
        short: "Field and object size",
        look: "The ball is 30 pixels wide. On paper the field covers it early; the square with 95 % of the gradient needs more layers. Make the object smaller and larger and watch both depths. A unit that can't see the whole object must answer from its parts.",
        link: C14,
        ask: "The field is 38 pixels wide on paper, the ball 30. Does the unit see the whole ball?",
        options: &[
            "Hardly: most of the gradient lies in a smaller square",
            "Yes: 38 is more than 30",
            "No: no gradient reaches its edge",
        ],
        answer: "On paper {receptive_field} pixels cover the {object} of the ball. But 95 % of the gradient lies in a square of {square_95}, and σ is only {sigma}: the rim hardly counts. A unit with too small a field answers from parts, such as edges and textures; one with a larger field can use the whole shape and what surrounds it.",
        mistake: "",
    },
    Question {
        id: "C28",
        short: "Choosing a kernel size",
        look: "Three 5×5 layers or six 3×3 layers: the same field of 13. Read weights and multiply-adds in the cost table, then the profile. Small kernels buy depth; a larger one buys a wider effective field in one step.",
        link: C28,
        ask: "Three 5×5 layers become six 3×3 layers. What happens to field and weights?",
        options: &["Same field, fewer weights", "Same field, more weights", "Smaller field, fewer weights"],
        answer: "Both see {receptive_field} × {receptive_field}. The 5×5 layers have {parameters} weights and {macs} multiply-adds, the 3×3 layers {beside_parameters} and {beside_macs}. What 5×5 buys is a wider look, σ {sigma} instead of {beside_sigma}, in half as many layers.",
        mistake: "",
    },
    Question {
        id: "C29",
        short: "Why rarely above 7×7?",
        look: "A dense kernel costs k² weights for each pair of channels, so stacks of 3×3 took its place. A depthwise 31×31 layer costs 961 weights a channel and spreads evenly over its field, where fifteen 3×3 layers reach equally far and see mostly the middle.",
        link: C29,
        ask: "One depthwise 31×31 layer and fifteen 3×3 layers reach equally far. Which one gives far pixels more weight?",
        options: &["The 31×31 layer", "The fifteen layers", "Both alike"],
        answer: "Both fields are {receptive_field} pixels wide. The large kernel spreads evenly over its own, σ {sigma_theory}; the stack keeps 95 % of its gradient in a square of {beside_square_95}, σ {beside_sigma}. The large one costs {parameters} weights for one channel, and a dense one would cost as many for each pair of channels: that is why they are rare.",
        mistake: "That kernels above 7×7 are useless because a stack of 3×3 sees as far. It reaches as far, but looks mostly at the middle. Depthwise kernels of up to 31×31 are in use, because they are affordable and widen the effective field.",
    },
    Question {
        id: "C39",
        short: "Two 3×3 or one 5×5?",
        look: "Both gradients touch 5 × 5 pixels: 18 weights against 25 with one channel, and as many for each pair when there are more. But the pictures differ: one kernel counts every pixel alike, two in a row count the middle most.",
        link: C39,
        ask: "One channel in, one out. How many weights do two 3×3 layers have, and one 5×5 layer?",
        options: &["18 and 25", "18 and 18", "9 and 25"],
        answer: "{parameters} against {beside_parameters}, for the same {receptive_field} × {receptive_field} pixels. But they don't look alike: two layers weigh the middle more, σ {sigma} against {beside_sigma}, and an activation can stand between them.",
        mistake: "",
    },
    Question {
        id: "C45",
        short: "Dilate or pool?",
        look: "Dilations 2, 2, 2 keep the resolution and touch only 7 of 13 pixels of a row; change them to 1, 2, 3 and all 13 are touched. Pooling widens the field too and leaves no gaps, but its map has fewer units.",
        link: C45,
        ask: "Three 3×3 layers with dilation 2 see 13 pixels across. How many pixels of a row can change the unit?",
        options: &["7", "13", "6"],
        answer: "{touched_width} of {receptive_field}: the dilations have a common factor, so the same gap stays open in every layer, and {coverage%} of the area is touched. The resolution is kept, {output_width} units in a row. The stack with pooling beside it sees {beside_field_width} pixels without a gap, on a map with fewer units.",
        mistake: "",
    },
    Question {
        id: "C51",
        short: "The effective field",
        look: "Fifteen 3×3 layers see 31 × 31 pixels on paper. The gradient of real random weights is a Gaussian in their middle. Switch |g| to g²: now σ agrees with the theory. Then look at the laws of growth: the slope is near one half.",
        link: C51,
        ask: "Fifteen 3×3 layers see 31 × 31 pixels on paper. How wide is the square that holds 95 % of the gradient?",
        options: &["About 19 pixels", "About 29 pixels", "31 pixels"],
        answer: "{square_95} pixels: these random weights, averaged over {draws_done} draws, give nearly a Gaussian with σ {sigma}. The pixels that hold 95 % of the gradient are only {share_95%} of the field's area, since there are many ways through the middle and a single one to a corner. Its width grows with the root of the depth, the field on paper with the depth.",
        mistake: "",
    },
];

const ZH: [Question; 8] = [
    Question {
        id: "C12",
        short: "3×3 与 1×1、5×5 相比",
        look: "四个 3×3 层与两个 5×5 层都看到 9 × 9 像素。比较表中的参数，再看剖面：层数多的那一组更集中在中间，经过的激活函数也更多。把每层都改成 c1：再深，感受野也只有一个像素。",
        link: C12,
        ask: "两个 5×5 层看到 9×9 像素。几个 3×3 层能看得一样远？",
        options: &["4 个", "2 个", "3 个"],
        answer: "{depth} 个：一个 3×3 层让感受野增加 2 个像素，5×5 增加 4 个，1×1 不增加。3×3 的堆叠看到 {receptive_field} × {receptive_field} 像素，用 {parameters} 个权重而不是 {beside_parameters} 个，经过的激活函数也多一倍。它更偏重中间：σ 为 {sigma}，而不是 {beside_sigma}。",
        mistake: "",
    },
    Question {
        id: "C13",
        short: "什么是感受野？",
        look: "能改变一个单元的那些像素。看递推：k3s1、k3s2、k3s2 得 3、5、9。每次改一个步幅，看哪些层的感受野随之改变。梯度恰好触及 9 列。",
        link: C13,
        ask: "三个 3×3 层，步幅 1、2、2。最后一个单元的感受野有多少像素宽？",
        options: &["9", "15", "7"],
        answer: "{receptive_field}。每层增加“卷积核大小减 1”乘以之前所有层步幅之积，所以依次是 3、5、{receptive_field}。这个单元的梯度恰好触及输入的 {measured_width} 列。",
        mistake: "3、7、15。这样算让步幅放大了自己这一层的感受野。步幅拉开的是它产生的特征图上的单元，所以只影响读这张图的后面各层。",
    },
    Question {
        id: "C14",
        short: "感受野与物体大小",
        look: "球宽 30 像素。理论感受野很早就覆盖了它；装下 95 % 梯度的方块却要更多层。把物体改小、改大，看两个深度如何变化。看不全物体的单元，只能凭局部作答。",
        link: C14,
        ask: "理论感受野宽 38 像素，球宽 30 像素。这个单元看到整个球了吗？",
        options: &[
            "几乎没有：大部分梯度在一个更小的方块里",
            "看到了：38 大于 30",
            "没有：梯度完全到不了球的边缘",
        ],
        answer: "理论上 {receptive_field} 个像素盖住了宽 {object} 的球。但 95 % 的梯度集中在边长 {square_95} 的方块里，σ 只有 {sigma}：边缘几乎不起作用。感受野太小的单元只能凭边缘、纹理等局部作答；更大时才能用上整个形状和它的周围。",
        mistake: "",
    },
    Question {
        id: "C28",
        short: "卷积核选多大",
        look: "三个 5×5 层或六个 3×3 层，感受野同为 13。先看开销表中的权重和乘加，再看剖面。小核换来深度，大核一步换来更宽的有效感受野。",
        link: C28,
        ask: "把三个 5×5 层换成六个 3×3 层，感受野和权重会怎样？",
        options: &["感受野相同，权重变少", "感受野相同，权重变多", "感受野变小，权重变少"],
        answer: "两者都看到 {receptive_field} × {receptive_field}。5×5 的堆叠有 {parameters} 个权重、{macs} 次乘加，3×3 的有 {beside_parameters} 个、{beside_macs} 次。5×5 换来的是更宽的视野（σ {sigma}，而不是 {beside_sigma}），而且只用一半的层数。",
        mistake: "",
    },
    Question {
        id: "C29",
        short: "为什么很少超过 7×7？",
        look: "普通（稠密）的卷积核每对通道要 k² 个权重，于是由 3×3 的堆叠取代。31×31 的逐通道卷积每个通道只要 961 个权重，并且均匀地铺满感受野；十五个 3×3 层虽然看得一样远，却主要只看中间。",
        link: C29,
        ask: "一个 31×31 的逐通道卷积层与十五个 3×3 层能达到的范围相同。哪一个更看重远处的像素？",
        options: &["31×31 的那一层", "十五个 3×3 层", "两者一样"],
        answer: "两者的感受野都宽 {receptive_field} 像素。大核均匀地铺满它，σ 为 {sigma_theory}；堆叠的梯度有 95 % 在边长 {beside_square_95} 的方块里，σ 为 {beside_sigma}。大核每个通道要 {parameters} 个权重，如果是稠密卷积，每对通道就要这么多：所以才少见。",
        mistake: "以为 3×3 的堆叠看得一样远，所以大于 7×7 的核没有用。它够得到那么远，但主要看中间。最大 31×31 的逐通道卷积核已在使用，因为开销可以承受，又能扩大有效感受野。",
    },
    Question {
        id: "C39",
        short: "两个 3×3 还是一个 5×5？",
        look: "两者的梯度都触及 5 × 5 像素；单通道时 18 个权重对 25 个，通道多时每一对都如此。但画面不同：一个核对每个像素一视同仁，两个相连则偏重中间。",
        link: C39,
        ask: "一个输入通道、一个输出通道。两个 3×3 层有多少权重，一个 5×5 层呢？",
        options: &["18 和 25", "18 和 18", "9 和 25"],
        answer: "{parameters} 对 {beside_parameters}，看到的同样是 {receptive_field} × {receptive_field} 像素。但看法不同：两层偏重中间，σ 为 {sigma}，单层为 {beside_sigma}；而且两层之间可以放一个激活函数。",
        mistake: "",
    },
    Question {
        id: "C45",
        short: "膨胀还是池化？",
        look: "膨胀率 2、2、2 保持分辨率，却只触及一行 13 个像素中的 7 个；改成 1、2、3，13 个全被触及。池化同样放大感受野而不留空隙，但它的图里单元更少。",
        link: C45,
        ask: "三个膨胀率为 2 的 3×3 层横跨 13 个像素。一行里有几个像素能改变这个单元？",
        options: &["7", "13", "6"],
        answer: "{receptive_field} 个中的 {touched_width} 个：膨胀率有公因数，每一层都留下同样的空隙，面积只触及 {coverage%}。分辨率保持不变，一行有 {output_width} 个单元。旁边带池化的堆叠看到 {beside_field_width} 个像素，没有空隙，但图里的单元更少。",
        mistake: "",
    },
    Question {
        id: "C51",
        short: "有效感受野",
        look: "十五个 3×3 层理论上看到 31 × 31 像素。真实随机权重的梯度却是其中央的一个高斯形。把 |g| 换成 g²：σ 与理论一致。再看增长规律：斜率接近二分之一。",
        link: C51,
        ask: "十五个 3×3 层理论上看到 31 × 31 像素。装下 95 % 梯度的方块有多宽？",
        options: &["大约 19 像素", "大约 29 像素", "31 像素"],
        answer: "{square_95} 像素：这些随机权重取 {draws_done} 次平均，得到近似的高斯，σ 为 {sigma}。装下 95 % 梯度的像素只占感受野面积的 {share_95%}，因为经过中间的路径有很多，通向角上的只有一条。它的宽度随深度的平方根增长，理论感受野则随深度增长。",
        mistake: "",
    },
];
